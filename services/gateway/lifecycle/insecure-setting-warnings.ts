import type { Logger } from '../../../shared/kernel/logger.ts'
import type { AccessKeys } from '../../../shared/tokens/key-rings/index.ts'
import { type Algorithm, isSymmetric } from '../../../shared/tokens/keys/index.ts'
import { originsOfOtherSites } from '../http/index.ts'

type Settings = Readonly<{
  algorithm: Algorithm | null
  jwkUrl: URL | null
  rotate: boolean
  blacklistAfterRotation: boolean
  publicUrl: URL
  trustedOrigins: readonly string[]
  cookieSameSite: 'lax' | 'none'
  insecureCookies: boolean
}>

/** Logs, at every start, each setting that is allowed and weakens a promise. */
export const warnOfInsecureSettings = (
  settings: Settings,
  { active }: AccessKeys,
  logger: Logger,
): void => {
  const { kid, alg } = active
  if (settings.algorithm !== null && settings.algorithm !== alg) {
    logger.warn({ kid, alg }, 'ALGORITHM names another algorithm than the key that signs now')
  }
  if (isSymmetric(alg)) {
    logger.warn({ kid, alg }, 'every service that verifies HMAC tokens can forge them')
  }
  if (settings.jwkUrl?.protocol === 'http:') {
    logger.warn({}, 'JWK_URL is http: who answers in its place decides which tokens are good')
  }
  if (settings.rotate && !settings.blacklistAfterRotation) {
    logger.warn({}, 'BLACKLIST_AFTER_ROTATION is false: reuse is not detected (I1 and I2 are off)')
  }
  if (!settings.rotate)
    logger.warn({}, 'ROTATE_REFRESH_TOKENS is false: refresh tokens are not single-use')
  const { publicUrl } = settings
  const foreignOrigins = originsOfOtherSites(settings.trustedOrigins, publicUrl)
  if (settings.cookieSameSite === 'lax' && foreignOrigins.length > 0) {
    const advice =
      publicUrl.protocol === 'https:'
        ? 'CURFEW_COOKIE_SAME_SITE=none lets them, or tokens in Authorization (POST /api/token/)'
        : 'on http only pages of the same host can; or tokens in Authorization (POST /api/token/)'
    logger.warn(
      { origins: foreignOrigins.join(' '), gateway: publicUrl.origin },
      `pages of another site are trusted and cannot use cookies: ${advice}`,
    )
  }
  if (settings.cookieSameSite === 'none' && settings.trustedOrigins.length === 0) {
    logger.warn(
      {},
      'COOKIE_SAME_SITE is none and CURFEW_TRUSTED_ORIGINS is empty: no other page may use them',
    )
  }
  if (settings.insecureCookies)
    logger.warn({}, 'INSECURE_COOKIES is true: the network can read tokens')
}
