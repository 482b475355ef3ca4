export { type FlatColumn, flatColumns } from './csv.ts'
export type { Encoder } from './encoder.ts'
export { eventTable } from './event-table.ts'
export { exportFormats, type FormatName, formatNames } from './export-format.ts'
export {
  actorIn,
  dataIn,
  type ExportedLeaf,
  exportedLeaf,
  instantIn,
  kindOf,
  userIn,
} from './exported-leaf.ts'
