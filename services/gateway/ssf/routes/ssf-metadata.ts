import type { Context } from 'koa'
import { answerPublic, type Metadata } from '../../http/index.ts'
import { pollMethod, pushMethod } from '../index.ts'
import type { ReceiverRouteDeps } from './ssf-handlers.ts'

export type SsfRouteDeps = ReceiverRouteDeps & Readonly<{ metadata: Metadata }>

const name = '/.well-known/ssf-configuration'

/** The path of the metadata: before the path of the issuer (SSF 1.0, 7.2), as in RFC 8414. */
export const ssfMetadataPath = (issuer: string): string => {
  const path = URL.canParse(issuer) ? new URL(issuer).pathname.replace(/\/$/, '') : ''
  return `${name}${path}`
}

/** The transmitter's metadata (SSF 1.0, 7.1). */
export const ssfMetadataOf = ({ issuer, baseUrl }: Metadata, hasAllSubjects: boolean): object => ({
  spec_version: '1_0',
  issuer,
  jwks_uri: `${baseUrl}/.well-known/jwks.json`,
  delivery_methods_supported: [pushMethod, pollMethod],
  configuration_endpoint: `${baseUrl}/ssf/streams`,
  status_endpoint: `${baseUrl}/ssf/status`,
  add_subject_endpoint: `${baseUrl}/ssf/subjects/add`,
  remove_subject_endpoint: `${baseUrl}/ssf/subjects/remove`,
  verification_endpoint: `${baseUrl}/ssf/verify`,
  // RFC 7617: the credentials of a service client. There is no token endpoint to get a bearer from.
  authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:7617' }],
  default_subjects: hasAllSubjects ? 'ALL' : 'NONE',
})

/** `GET /.well-known/ssf-configuration` */
export const ssfMetadataRoute =
  ({ metadata, ssf: { transmitter } }: Pick<SsfRouteDeps, 'metadata' | 'ssf'>) =>
  (ctx: Context): void =>
    answerPublic(ctx, JSON.stringify(ssfMetadataOf(metadata, transmitter.hasAllSubjects)), {
      type: 'application/json',
      maxAgeSeconds: 300,
    })
