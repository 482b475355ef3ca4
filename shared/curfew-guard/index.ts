// What the files of this folder name is found from here and from `node_modules/curfew-guard` of an
// installed `curfew`, whose tarball has this folder there alone (docs/decisions/0075).
export * from '../../shared/guard/index.ts'
