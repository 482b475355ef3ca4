import type { Fleet } from '../processes/fleet.ts'
import type { Settings } from '../processes/processes.ts'

/** Settings of a service that hears over server-sent events alone. */
export const overSse = ({ service }: Fleet, port: number | string, over: Settings = {}) => ({
  CURFEW_FEED: 'sse',
  CURFEW_FEED_URL: `http://127.0.0.1:${port}/feed`,
  CURFEW_FEED_CLIENT_ID: service.id,
  CURFEW_FEED_CLIENT_SECRET: service.secret,
  CURFEW_LOG_MAC_FILE: '/nowhere/log-mac.json',
  CURFEW_ON_STALE: 'deny',
  ...over,
})
