/**
 * One `DataView` per array, remembered: four bytes are copied or tested at once through it, and making a view for
 * each field would cost more than that saves.
 */
const views = new WeakMap<Uint8Array, DataView>();
let firstBytes = new Uint8Array(0);
let firstView = new DataView(firstBytes.buffer);
let secondBytes = firstBytes;
let secondView = firstView;

/** The view of exactly these bytes. The two arrays asked for last are answered without a lookup. */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes === firstBytes) return firstView;
  if (bytes === secondBytes) return secondView;
  let view = views.get(bytes);
  if (view === undefined) {
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    views.set(bytes, view);
  }
  secondBytes = firstBytes;
  secondView = firstView;
  firstBytes = bytes as Uint8Array<ArrayBuffer>;
  firstView = view as DataView<ArrayBuffer>;
  return view;
}
