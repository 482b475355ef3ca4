/** What a person should do about the records of `fleet` between those of one's own. */
export const foreignFleetText = (fleet: string): string =>
  `another fleet (${fleet}) writes to the same topics: give each fleet a ` +
  'CURFEW_KAFKA_TOPIC_PREFIX of its own, or all its processes the keys of one fleet'
