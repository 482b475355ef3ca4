/**
 * Of a copy of a record that was published again after it was parked: it is for whoever could not
 * use the first, and no receiver is told of it. The MAC does not cover it, since the copy is of the
 * same bytes.
 */
export const againHeader = 'curfew-again'
