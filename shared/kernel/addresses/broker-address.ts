const host = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,252}$/

/**
 * What is wrong with one `host:port` of a Kafka broker, or `null`. kafkajs takes whatever it is
 * given, and then never connects.
 */
export const brokerMistake = (entry: string): string | null => {
  if (entry === '') return 'an entry is empty'
  const told = JSON.stringify(entry)
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(entry)) return `${told} is a URL, not host:port`
  const [name = '', port, ...more] = entry.split(':')
  if (more.length > 0) {
    return `${told} is no host:port (kafkajs takes no IPv6 address: give a name of it)`
  }
  if (port === undefined || port === '') return `${told} has no port, as in ${name || 'host'}:9092`
  if (!host.test(name)) return `${told} has no host that a broker may have`
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535
  return isPort ? null : `${told} has a port that is no number from 1 to 65535`
}

export const brokerMistakes = (entries: readonly string[]): readonly string[] =>
  entries.map(brokerMistake).filter((mistake) => mistake !== null)
