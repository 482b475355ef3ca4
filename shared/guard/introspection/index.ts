export { cachedIntrospection } from './introspection-cache.ts'
export { type AskWhetherActive, IntrospectionClient } from './introspection-client.ts'
export {
  type Introspect,
  type Introspection,
  type RemoteIntrospectionOptions,
  remoteIntrospection,
} from './remote-introspection.ts'
