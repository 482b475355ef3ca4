import Koa from 'koa'

const isJson = (body: unknown): body is object => {
  if (typeof body !== 'object' || body === null) return false
  const prototype: unknown = Object.getPrototypeOf(body)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}

type KoaResponse = Koa['response']

/**
 * A Koa app that makes JSON of an object or array when it becomes the body. Koa would first ask of
 * it whether it is a `Response`: that loads Node’s HTTP client, 15 MiB and some 15 ms of a start,
 * into a process that asks nobody. What is no such thing goes Koa’s way.
 */
export const koaApp = (): Koa => {
  const app = new Koa()
  const koas = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(app.response), 'body')
  Object.defineProperty(app.response, 'body', {
    ...koas,
    set(this: KoaResponse, body: unknown) {
      if (!isJson(body)) return koas?.set?.call(this, body)
      if (!/\bjson\b/i.test(this.type)) this.type = 'json'
      return koas?.set?.call(this, JSON.stringify(body))
    },
  })
  return app
}
