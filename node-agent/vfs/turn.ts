// When a file may turn from one rendering to the next. A reader that has read a part must find the rest of the same
// rendering, and nothing tells the server who is in the middle: files are opened and closed without it (docs/adr/0003),
// and cached pages are read without it. What it does see, once attributes have expired, is every open(2) and every
// read(2), each with the thread that makes it. So a file turns only when someone begins to read it and nobody else can
// be in the middle.

/** "open": a path walk, open(2) or stat(2), of someone who has read nothing yet. "read": a read(2), perhaps not the first. */
export type Contact = "open" | "read";

export interface Moment {
  now: number;
  renderedAt: number;
  /** Until when the kernel was allowed to answer readers by itself: nobody saw them. */
  unseenUntil: number;
  /** Since when someone waits for the turn; 0 when nobody does. */
  waitingSince: number;
  /** The kernel may ignore the answer, which was asked for before it dropped attributes (barriers.ts). */
  overtaken: boolean;
  /** The file is turning just now. */
  turning: boolean;
  /** Somebody has opened it, and the pages are that reader's (opened-files.ts). */
  owned: boolean;
  /** What there is was rendered for the one who asks, who has not read of it yet: open(2) and fstat(2) after a path walk. */
  renderedForAsker: boolean;
}

export interface ReadersNow {
  /** The one who asks is known to be on its way through the file. */
  askerInPass(): boolean;
  /** Someone else may be in the middle. Asked only where it matters: it looks at threads. */
  othersInPass(): boolean;
}

/**
 * Answer with what there is; or render anew first; or let the one who begins wait until the others are through; or render
 * anew although they are not.
 */
export type Turn = "keep" | "renew" | "wait" | "force";

/** A path walk, an open and an fstat within that time are one. */
const OPENING_MILLIS = 2;
/** Who read unseen and runs shows up within that time. */
export const UNSEEN_MILLIS = 4;
/** A thread first seen in the middle of a file shows up within that time. Later, it is one that keeps a file open and rewinds. */
const LATE_MILLIS = 50;
/** Who begins waits no longer than that for others. */
export const MAX_WAIT_MILLIS = 500;

/**
 * Whether the kernel must be told to drop its pages before anyone hears of a new rendering. Alone, a reader drops them
 * itself when it learns the new time of change. Of two, the second may read on between the first one's learning and
 * dropping (fuse_change_attributes_i of fs/fuse/inode.c), and find the rest of the file renewed.
 */
export function mustDropPages({ now, unseenUntil, waitingSince }: Moment, otherReaders: boolean): boolean {
  return otherReaders || waitingSince !== 0 || now - unseenUntil < LATE_MILLIS;
}

/**
 * Whether a new rendering may be written over the pages of the one before. Who is within a read(2), unseen, would find the
 * two mixed even in one page, so nobody may have read for longer than a reader is ever waited for.
 */
export function mayStorePages({ now, unseenUntil }: Moment): boolean {
  return now - unseenUntil >= MAX_WAIT_MILLIS;
}

/** All times are milliseconds of one clock. */
export function decideTurn(contact: Contact, moment: Moment, maxAgeMillis: number, readers: ReadersNow): Turn {
  const { now, renderedAt, unseenUntil, waitingSince, turning, owned, overtaken, renderedForAsker } = moment;
  if (turning) return "wait";
  if (owned || overtaken) return "keep";
  if (now - renderedAt < maxAgeMillis) return "keep";
  if (contact === "read" && mayBeInPass(moment, readers)) return "keep";
  if (renderedForAsker && now - renderedAt < OPENING_MILLIS) return "keep";
  if (now - unseenUntil < UNSEEN_MILLIS) return "keep";
  if (!readers.othersInPass()) return "renew";
  return waitingSince !== 0 && now - waitingSince >= MAX_WAIT_MILLIS ? "force" : "wait";
}

function mayBeInPass({ now, unseenUntil }: Moment, readers: ReadersNow): boolean {
  return now - unseenUntil < LATE_MILLIS || readers.askerInPass();
}
