/**
 * Advisory locks of Noukai's own, by this number and a second one: 0 is the schema, n ≥ 1 the process of that number in `holder_numbers`.
 * They are told apart from other programs' in the same database by the number alone ("nouk").
 */
export const lockSpace = 0x6e_6f_75_6b;

export const schemaLock = 0;

/** Of projects, by their numbers: whoever counts or changes how many runs one has in work ("nouc"). Comes after locks of executions, before those of runs, and before `turnSpace`. */
export const roomSpace = 0x6e_6f_75_63;

/** Of projects, by their numbers: whoever files tickets of one ("nout"). */
export const turnSpace = 0x6e_6f_75_74;
