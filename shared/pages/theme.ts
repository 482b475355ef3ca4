/**
 * The colours of every page, as custom properties; light, and dark where the browser prefers it.
 * Text on its ground has a contrast of 4.5 at least, and the edge of what can be operated one of 3
 * (WCAG 2.2, 1.4.3 and 1.4.11); a test computes them.
 */
export const tokens = {
  light: {
    '--ground': '#f7f6f3',
    '--surface': '#ffffff',
    '--raised': '#f1efea',
    '--text': '#1d1c22',
    '--muted': '#5d5b67',
    '--line': '#e2dfd8',
    '--edge': '#85828f',
    '--accent': '#413d9e',
    '--on-accent': '#ffffff',
    '--accent-soft': '#ecebf9',
    '--good': '#1a6a3c',
    '--good-soft': '#e3f3e8',
    '--warn': '#855300',
    '--warn-soft': '#fdf0d6',
    '--bad': '#ab211b',
    '--bad-soft': '#fcebe9',
  },
  dark: {
    '--ground': '#121217',
    '--surface': '#1a1a21',
    '--raised': '#23232c',
    '--text': '#eae8f0',
    '--muted': '#a8a5b4',
    '--line': '#2f2e39',
    '--edge': '#7b7889',
    '--accent': '#b4b1ff',
    '--on-accent': '#17152e',
    '--accent-soft': '#27264a',
    '--good': '#84d6a0',
    '--good-soft': '#15301f',
    '--warn': '#f0c274',
    '--warn-soft': '#362a10',
    '--bad': '#ffb3aa',
    '--bad-soft': '#3f1b18',
  },
} as const

export type ColourToken = keyof (typeof tokens)['light']
export type Colours = Readonly<Record<ColourToken, string>>

const declared = (properties: Readonly<Record<string, string>>): string =>
  Object.entries(properties)
    .map(([name, value]) => `${name}:${value}`)
    .join(';')

const fonts = {
  '--sans':
    'system-ui,-apple-system,"Segoe UI",Roboto,"Apple SD Gothic Neo","Noto Sans KR",' +
    '"Noto Sans CJK KR","Malgun Gothic",sans-serif',
  '--mono': 'ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"Noto Sans Mono",monospace',
}
const sizes = {
  '--s1': '.25rem',
  '--s2': '.5rem',
  '--s3': '.75rem',
  '--s4': '1rem',
  '--s5': '1.5rem',
  '--s6': '2rem',
  '--s7': '3rem',
  '--s8': '4.5rem',
  '--radius': '.625rem',
  '--radius-small': '.375rem',
}

/** The custom properties, for a `<style>`; other colours of the same names replace ours. */
export const themeCss = ({
  light = tokens.light,
  dark = tokens.dark,
}: Readonly<{ light?: Colours; dark?: Colours }> = {}): string =>
  `:root{color-scheme:light dark;${declared({ ...fonts, ...sizes, ...light })}}` +
  `@media (prefers-color-scheme:dark){:root{${declared(dark)}}}`

/** What every page begins with: letters, links, the ring of the focus, less motion. */
export const baseCss = `
*,::before,::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);font:1rem/1.55 var(--sans);
  overflow-wrap:anywhere}
:lang(ko){word-break:keep-all}
h1,h2,h3,p,ul,dl,dd,fieldset{margin:0;padding:0;border:0}
h1,h2,h3{line-height:1.25;text-wrap:balance;font-weight:620}
a{color:var(--accent);text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:var(--radius-small)}
button,input,select{font:inherit;color:inherit}
time,.number{font-variant-numeric:tabular-nums}
.mono{font-family:var(--mono);font-size:.875em}
.hidden-visually{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
  white-space:nowrap}
@media (prefers-reduced-motion:reduce){*,::before,::after{animation:none!important;
  transition:none!important}}
`.replaceAll(/\n\s*/g, '')
