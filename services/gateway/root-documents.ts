import type { RootDocument } from './http/index.ts'
import type { Rooms } from './rooms.ts'
import { ssfMetadataPath, ssfMetadataRoute } from './ssf/routes/index.ts'
import { metadataPaths, metadataRoute } from './tokens/routes/index.ts'

/** The metadata where clients look for it, which no base path moves. */
export const rootDocuments = (rooms: Rooms): readonly RootDocument[] => {
  const { issuer } = rooms.metadata
  const metadata = metadataRoute(rooms)
  return [
    ...[...metadataPaths(issuer)].map((path) => ({ path, answer: metadata })),
    { path: ssfMetadataPath(issuer), answer: ssfMetadataRoute(rooms) },
  ]
}
