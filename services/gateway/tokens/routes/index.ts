export { introspectionRoutes } from './introspection-routes.ts'
export { metadataPaths, metadataRoute, metadataRoutes } from './metadata-routes.ts'
