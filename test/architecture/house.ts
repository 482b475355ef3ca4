/** A folder of one subject, inside a house. */
export type Room = Readonly<{
  /** Below the folder of its house. */
  name: string
  /** The files that others import; nothing behind them. 'all' is for a vocabulary. */
  shows: readonly string[] | 'all'
  /** The rooms of the same house that it may import. Each stands above it in the table. */
  uses: readonly string[]
}>

/** A folder whose sub-folders are rooms, the lowest first. */
export type House = Readonly<{
  folder: string
  /** Files beside the rooms that the rooms may import; the rest of them stands above the rooms. */
  ground: readonly string[] | 'all'
  rooms: readonly Room[]
}>
