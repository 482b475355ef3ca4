import kafkajs, { type Admin } from 'kafkajs'

/** A topic's setting as it is in force; `null` when the broker does not say. */
export const topicSetting = async (
  admin: Pick<Admin, 'describeConfigs'>,
  topic: string,
  setting: string,
): Promise<string | null> => {
  const { resources } = await admin.describeConfigs({
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
    includeSynonyms: false,
  })
  const entries = resources[0]?.configEntries ?? []
  return entries.find(({ configName }) => configName === setting)?.configValue ?? null
}
