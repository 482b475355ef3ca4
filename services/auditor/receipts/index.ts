export { IdIndex } from './id-index.ts'
export { makeReceipt } from './receipt.ts'
