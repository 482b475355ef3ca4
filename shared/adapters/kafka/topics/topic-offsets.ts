import type { Admin } from 'kafkajs'

/** Metadata is replaced by whoever asks beside us; several in a row are more than a start has. */
const triesMax = 5

/**
 * Where each partition of a topic begins and ends. `fetchTopicOffsets` asks twice and reads the
 * client's metadata each time; when another request of the same client replaces it in between by
 * one that does not name this topic, kafkajs 2.2.4 ends with a TypeError. It then is asked again.
 */
export const topicOffsets = async (
  admin: Pick<Admin, 'fetchTopicOffsets'>,
  name: string,
): ReturnType<Admin['fetchTopicOffsets']> => {
  for (let tries = 1; ; tries += 1) {
    try {
      return await admin.fetchTopicOffsets(name)
    } catch (error) {
      if (!(error instanceof TypeError) || tries === triesMax) throw error
    }
  }
}
