import { assert } from '../suite.ts'

/** The answer to a JSON body that must be taken: 200. */
export const posted = async (
  url: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  assert.is(answer.status, 200, url)
  return answer
}
