export { backchannelRoutes } from './backchannel-routes.ts'
export { ssfMetadataPath, ssfMetadataRoute } from './ssf-metadata.ts'
export { ssfRoutes } from './ssf-routes.ts'
