export { introspectionRoutes } from './introspection-routes.ts'
export { metadataPaths, metadataRoute } from './metadata.ts'
export { publicRoutes } from './public-routes.ts'
