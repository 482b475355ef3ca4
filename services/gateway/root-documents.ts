import type { RootDocument } from './http/index.ts'
import type { Rooms } from './rooms.ts'
import { ssfMetadataPath, ssfMetadataRoute } from './ssf/routes/index.ts'
import { metadataPaths, metadataRoute } from './tokens/routes/index.ts'

/** The metadata documents that clients expect at the root of the host, whatever the base path. */
export const rootDocuments = (rooms: Rooms): readonly RootDocument[] => {
  const { issuer } = rooms.metadata
  const metadata = metadataRoute(rooms)
  return [
    ...[...metadataPaths(issuer)].map((path) => ({ path, answer: metadata })),
    { path: ssfMetadataPath(issuer), answer: ssfMetadataRoute(rooms) },
  ]
}
