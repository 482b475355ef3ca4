import type { Admin } from 'kafkajs'
import type { AuthError } from '../../../kernel/errors.ts'
import { topicSetting } from '../topics/topic-setting.ts'
import { isElecting, replicasMissingOf } from './produce-failure.ts'

/**
 * Whether replicas that are away are behind the failure to learn where `topic` ends; `null` when
 * they are not. A new leader says so once as many replicas follow it as `min.insync.replicas` asks:
 * until then it answers as if there were no leader, for as long as they are away.
 */
export const replicasMissing = async (
  admin: Pick<Admin, 'fetchTopicMetadata' | 'describeConfigs'>,
  topic: string,
  error: unknown,
): Promise<AuthError | null> => {
  if (!isElecting(error)) return null
  const [{ topics }, least] = await Promise.all([
    admin.fetchTopicMetadata({ topics: [topic] }),
    topicSetting(admin, topic, 'min.insync.replicas'),
  ])
  const partitions = topics[0]?.partitions ?? []
  const lacks = partitions.some(({ leader, isr }) => leader >= 0 && isr.length < Number(least ?? 0))
  return lacks ? replicasMissingOf([topic], error) : null
}
