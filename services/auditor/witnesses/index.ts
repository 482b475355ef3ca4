export { type AskedWitness, isWitness, parseWitness } from './asked-witness.ts'
export { keepDurably } from './keep-durably.ts'
export { openWitnessRounds } from './open-witness-rounds.ts'
export { WitnessRounds } from './witness-rounds.ts'
