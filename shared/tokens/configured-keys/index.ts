export { openAccessKeys, openVerifyingKeys } from './access-keys.ts'
