export { type AskedWitness, isWitness, parseWitness } from './asked-witness.ts'
export { keepDurably } from './keep-durably.ts'
export { openWitnessRounds, WitnessRounds } from './witness-rounds.ts'
