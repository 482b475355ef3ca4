/** What Debian calls what a test may lack, in the order in which they are told. */
const packages: Readonly<Record<string, string>> = {
  java: 'default-jdk-headless',
  mvn: 'maven',
  python3: 'python3 python3-venv',
  nginx: 'nginx-light',
  kcat: 'kcat',
  faketime: 'faketime',
  chromium: 'chromium',
  go: 'golang (1.25 or newer)',
  curl: 'curl',
  openssl: 'openssl',
}

/** One line for what the `NOT RUN:` lines name, or none where they name nothing known. */
export const howToGet = (lines: readonly string[]): string | null => {
  const named = Object.entries(packages).filter(([name]) =>
    lines.some((line) => new RegExp(`\\b${name}\\b`).test(line.replace(/^NOT RUN: [^:]*:/, ''))),
  )
  if (named.length === 0) return null
  const each = named.map(([name, debian]) => `${name}: apt-get install ${debian}`).join('; ')
  return `To run these too: ${each}; .ci/run installs all of them and runs everything`
}
