export { fixedKeys, type KeySource, keysBeside } from './key-source.ts'
export { fetchUntilReady, type RemoteKeysOptions, remoteKeys } from './remote-keys.ts'
