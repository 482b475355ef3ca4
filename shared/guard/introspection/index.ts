export {
  type AskWhetherActive,
  cachedIntrospection,
  IntrospectionClient,
} from './introspection-client.ts'

export {
  type Introspect,
  type Introspection,
  type RemoteIntrospectionOptions,
  remoteIntrospection,
} from './remote-introspection.ts'
