// An object as `kid` was taken; a path or a query in it must meet nothing that would follow it.
const kidPattern = /^[A-Za-z0-9_-]{1,64}$/
export const isKeyId = (kid: unknown): kid is string =>
  typeof kid === 'string' && kidPattern.test(kid)

// Key ids of others have dots, slashes and `=`; they too are only ever looked up in a map.
const foreignKidPattern = /^[\x21-\x7e]{1,128}$/
export const isForeignKeyId = (kid: unknown): kid is string =>
  typeof kid === 'string' && foreignKidPattern.test(kid)
