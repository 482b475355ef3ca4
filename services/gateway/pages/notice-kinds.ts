/** What a page may say of what was done before it: these, and nothing that comes from a request. */
export const notices = [
  'signed_out',
  'not_signed_in',
  'session_ended',
  'session_gone',
  'others_ended',
  'password_changed',
] as const
export type Notice = (typeof notices)[number]
