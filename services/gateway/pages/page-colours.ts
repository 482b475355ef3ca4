import { type Colours, type ColourToken, contrastOf, tokens } from '../../../shared/pages/index.ts'

type AccentSettings = Readonly<{ pageAccent: string | null; pageAccentDark: string | null }>
const grounds: readonly ColourToken[] = ['--ground', '--surface', '--raised']
const contrastMin = 4.5
const softShare = 0.1

const channels = (colour: string): readonly number[] =>
  [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))

const mixed = (one: string, other: string, share: number): string => {
  const ground = channels(other)
  const parts = channels(one).map((part, index) =>
    Math.round(part * share + (ground[index] ?? 0) * (1 - share)),
  )
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

const withAccent = (colours: Colours, accent: string | null): Colours => {
  if (accent === null) return colours
  const [onAccent = '#ffffff'] = ['#ffffff', '#000000'].sort(
    (a, b) => contrastOf(b, accent) - contrastOf(a, accent),
  )
  const soft = mixed(accent, colours['--surface'], softShare)
  return { ...colours, '--accent': accent, '--on-accent': onAccent, '--accent-soft': soft }
}

/** The colours of the pages with the accent of the settings. */
export const coloursOf = ({ pageAccent, pageAccentDark }: AccentSettings) => ({
  light: withAccent(tokens.light, pageAccent),
  dark: withAccent(tokens.dark, pageAccentDark),
})

/** An accent that cannot be read on the pages, with the ground that it is too much alike. */
export const colourMistakes = ({ pageAccent, pageAccentDark }: AccentSettings): string[] => {
  const mistake = (setting: string, accent: string | null, colours: Colours): string[] => {
    if (accent === null) return []
    const [worst] = grounds
      .map((token) => ({ token, contrast: contrastOf(accent, colours[token]) }))
      .sort((a, b) => a.contrast - b.contrast)
    if (!worst || worst.contrast >= contrastMin) return []
    return [
      `${setting}=${accent} has a contrast of ${worst.contrast.toFixed(2)} with ` +
        `${colours[worst.token]}, which pages have behind it; ${contrastMin} is needed.`,
    ]
  }
  return [
    ...mistake('CURFEW_PAGE_ACCENT', pageAccent, tokens.light),
    ...mistake('CURFEW_PAGE_ACCENT_DARK', pageAccentDark, tokens.dark),
  ]
}
