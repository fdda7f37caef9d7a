// Who is measured when. Sides take turns measurement by measurement, so that whatever else the machine does meets all of
// them alike, and each round begins with another, so that none always follows the same one.

/** The sides in the order of a round. */
export function turns<T>(sides: readonly T[], round: number): T[] {
  const first = sides.length === 0 ? 0 : round % sides.length;
  return [...sides.slice(first), ...sides.slice(0, first)];
}
