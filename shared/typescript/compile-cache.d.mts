export declare const keepCompiled: () => void
export declare const writeCompiled: () => void
