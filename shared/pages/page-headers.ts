import { createHash } from 'node:crypto'

export type PageParts = Readonly<{
  /** The text of each `<style>` in the page, as it stands between the tags. */
  styles?: readonly string[]
  /** The text of each `<script>` in the page; none by default. */
  scripts?: readonly string[]
  /** Whether scripts and styles are files of this origin too. */
  ownFiles?: boolean
  /** Whether scripts may ask this origin. */
  connects?: boolean
  /**
   * Whether a form may send to this origin. Chromium holds this against every redirect that
   * follows, so the answer to a form leads elsewhere by a page (`Refresh`).
   */
  forms?: boolean
}>

const hashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const sourcesOf = (texts: readonly string[], ownFiles: boolean): string =>
  [...(ownFiles ? ["'self'"] : []), ...texts.map(hashOf)].join(' ') || "'none'"

/**
 * What a page may load and do: nothing but what is named. Trusted Types make the DOM refuse a text
 * where it would become a script.
 */
export const pagePolicy = ({
  styles = [],
  scripts = [],
  ownFiles = false,
  connects = false,
  forms = false,
}: PageParts): string =>
  [
    "default-src 'none'",
    `style-src ${sourcesOf(styles, ownFiles)}`,
    `script-src ${sourcesOf(scripts, ownFiles)}`,
    `img-src ${ownFiles ? "'self' data:" : 'data:'}`,
    `connect-src ${connects ? "'self'" : "'none'"}`,
    `form-action ${forms ? "'self'" : "'none'"}`,
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ')

/**
 * The headers of a page. The referrer stays within the origin; with none at all, a form would come
 * with `Origin: null`, and the gateway could not know it for its own.
 */
export const pageHeaders = (parts: PageParts): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': pagePolicy(parts),
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
})
