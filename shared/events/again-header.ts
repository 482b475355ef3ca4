/**
 * Marks a copy of a record that an operator published again after the projector had parked the
 * first one as a dead letter. The projector uses the copy; receivers of security events are not
 * told of it. The MAC does not cover this header, since the copy has the same bytes.
 */
export const againHeader = 'curfew-again'
