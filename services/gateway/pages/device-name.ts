import type { Words } from './texts/index.ts'

type Known = readonly (readonly [RegExp, string])[]

/** In this order: most browsers say that they are several others as well. */
const browsers: Known = [
  [/\bEdgA?\/|\bEdgiOS\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bWhale\//, 'Whale'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/Chrome\/|\bCriOS\/|\bChromium\//, 'Chrome'],
  [/\bVersion\/[\d.]+ .*\bSafari\//, 'Safari'],
]
const systems: Known = [
  [/\bAndroid\b/, 'Android'],
  [/\biPad\b/, 'iPad'],
  [/\biPhone\b|\biPod\b/, 'iPhone'],
  [/\bWindows NT\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
]
const shownMax = 60

const nameIn = (known: Known, agent: string): string | null =>
  known.find(([pattern]) => pattern.test(agent))?.[1] ?? null

/**
 * The device of a user agent, in words. It is what the device says of itself, so nothing is decided
 * by it. Agents that are no browser are shown as they are, shortened.
 */
export const deviceName = ({ say }: Words, agent: string | null): string => {
  if (agent === null) return say('device_unknown')
  const [browser, system] = [nameIn(browsers, agent), nameIn(systems, agent)]
  if (browser !== null && system !== null) return say('device', { browser, system })
  if (browser !== null) return browser
  return agent.length > shownMax ? `${agent.slice(0, shownMax)}…` : agent
}
