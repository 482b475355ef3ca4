/** Colours of a picture; the same picture is drawn for pages in light and in dark. */
export type Palette = Readonly<{
  page: string
  text: string
  quiet: string
  line: string
  own: string
  other: string
}>

export const light: Palette = {
  page: '#f8fafc',
  text: '#0f172a',
  quiet: '#475569',
  line: '#cbd5e1',
  own: '#16a34a',
  other: '#64748b',
}

export const dark: Palette = {
  page: '#0d1117',
  text: '#e6edf3',
  quiet: '#9198a1',
  line: '#30363d',
  own: '#3fb950',
  other: '#8b949e',
}
