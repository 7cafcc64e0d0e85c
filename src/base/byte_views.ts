/**
 * One `DataView` per array, remembered: four bytes are copied or tested at once through it, and making a view for
 * each field would cost more than that saves.
 *
 * A turn touches four large arrays: what was read, the batch's scratch, an encoder's constant pieces, and the output.
 * The four arrays seen last are compared by hand; only others cost a lookup. So: many small pieces belong into one
 * array.
 */
const views = new WeakMap<Uint8Array, DataView>();
const NONE = new Uint8Array(0);
const NO_VIEW = new DataView(NONE.buffer);
let bytes0: Uint8Array = NONE,
  bytes1: Uint8Array = NONE,
  bytes2: Uint8Array = NONE,
  bytes3: Uint8Array = NONE;
let view0: DataView = NO_VIEW,
  view1: DataView = NO_VIEW,
  view2: DataView = NO_VIEW,
  view3: DataView = NO_VIEW;
let oldest = 0;

/** The view of exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes === bytes0) return view0;
  if (bytes === bytes1) return view1;
  if (bytes === bytes2) return view2;
  if (bytes === bytes3) return view3;
  return remember(bytes);
}

function remember(bytes: Uint8Array): DataView {
  let view = views.get(bytes);
  if (view === undefined) {
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    views.set(bytes, view);
  }
  oldest = (oldest + 1) & 3;
  if (oldest === 0) bytes0 = bytes, view0 = view;
  else if (oldest === 1) bytes1 = bytes, view1 = view;
  else if (oldest === 2) bytes2 = bytes, view2 = view;
  else bytes3 = bytes, view3 = view;
  return view;
}
