import { type FoundTopic, isShorter, settingAsNumber, type WantedTopic } from './topic-mistakes.ts'

/**
 * Settings that weaken a promise and that an operator may have chosen; for a warning when they are
 * first seen. Pure.
 */
export const topicWarnings = (wanted: WantedTopic, found: FoundTopic): readonly string[] => {
  const { name } = wanted
  const warnings: string[] = []
  const { replication, settings } = found
  if (replication < 3) {
    warnings.push(`${name} has ${replication} replica(s): the loss of one disk can lose a logout`)
  } else if (settingAsNumber(settings.get('min.insync.replicas')) < 2) {
    warnings.push(`${name} has min.insync.replicas below 2: one broker alone may acknowledge`)
  }
  if (settings.get('unclean.leader.election.enable') === 'true') {
    warnings.push(`${name} allows unclean leader election: it can lose what was acknowledged`)
  }
  const retention = settingAsNumber(settings.get('retention.ms'))
  if (!wanted.retentionIsNeeded && isShorter(retention, wanted.retentionMs)) {
    warnings.push(`${name} keeps records for ${retention} ms only: older ones cannot be replayed`)
  }
  return warnings
}
