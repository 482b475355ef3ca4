export * from '../guard/koa.ts'
