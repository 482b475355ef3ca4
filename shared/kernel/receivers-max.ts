/** Receivers of one deployment: each costs a reader of the log. */
export const receiversMax = 64
