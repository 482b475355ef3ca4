export { fetchUntilReady } from './fetch-until-ready.ts'
export { fixedKeys, type KeySource, keysBeside } from './key-source.ts'
export { type RemoteKeysOptions, remoteKeys } from './remote-keys.ts'
