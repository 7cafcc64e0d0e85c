/** Subjects of which one was timed, at least: fewer say nothing, their time may be another program's. */
const TICKS_MIN = 4;
/** Timed subjects after which looking begins anew. */
const TIMED_PER_LOOK = 256;
/** Below this pace the engine struggles; where it does not, it is twenty times as quick. */
const CHARS_PER_MS_MIN = 4_000;
/** Subjects that take the other way before the engine is tried again; twice as many each time that it is slow then. */
const AWAY_FIRST = 8_192;
const AWAY_LAST = 131_072;
/** So many shorter subjects at most pass before one is timed again. */
const STRIDE = 32;
/** Beside matching so many the clock costs nothing: each is timed. */
const LONG_CHARS = 1_024;

/**
 * Tells when an engine that is mostly quick is slow on what it gets now. A backtracking engine first tries 50,000 ways
 * and then gives up to a linear one: on a line of 32 bytes that costs as much as a hundred kilobytes do otherwise.
 *
 * The clock counts whole milliseconds and is asked for some subjects only, in strides that cannot be guessed from one
 * line: asking costs as much as matching a short line. What is slow costs ticks again and again; a pause of the program
 * costs one.
 */
export class SlowWatch {
  readonly #nowMs: (() => number) | undefined;
  #away = 0;
  /** How many go away the next time; more than at first: it was slow when it was tried last, so each is timed. */
  #awayNext = AWAY_FIRST;
  #timed = 0;
  #ticks = 0;
  #ms = 0;
  #chars = 0;
  #skip = 0;
  #stride = 1;

  /** Without a clock it never tells. */
  constructor(nowMs: (() => number) | undefined) {
    this.#nowMs = nowMs;
  }

  /** Whether subjects shall go elsewhere now. */
  get isSlow(): boolean {
    return this.#away > 0;
  }

  /** A subject went elsewhere. */
  countAway(): void {
    this.#away--;
  }

  /** A subject comes: gives the time to hand to {@linkcode end}, -1 when this one is not timed. */
  begin(chars: number): number {
    if (this.#nowMs === undefined) return -1;
    if (chars >= LONG_CHARS || this.#awayNext > AWAY_FIRST) return this.#nowMs();
    if (this.#skip-- > 0) return -1;
    // A linear congruence, stirred by what comes: nobody outside knows where it stands.
    this.#stride = (Math.imul(this.#stride, 1_103_515_245) + 12_345 + chars) >>> 0;
    this.#skip = (this.#stride >>> 16) % STRIDE;
    return this.#nowMs();
  }

  /** A timed subject is done. Returns whether it is slow from now on. */
  end(beganMs: number, chars: number): boolean {
    const ms = this.#nowMs!() - beganMs;
    this.#chars += chars;
    // The clock may be set meanwhile.
    if (ms > 0) {
      this.#ticks++;
      this.#ms += ms;
    }
    const slow = this.#ticks >= TICKS_MIN && this.#ms * CHARS_PER_MS_MIN > this.#chars;
    if (!slow && ++this.#timed < TIMED_PER_LOOK) return false;
    if (slow) this.#away = this.#awayNext;
    this.#awayNext = slow ? Math.min(AWAY_LAST, 2 * this.#awayNext) : AWAY_FIRST;
    this.#timed = this.#ticks = 0;
    this.#ms = this.#chars = 0;
    return slow;
  }
}
