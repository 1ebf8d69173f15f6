/* The lease on a target that several subjects write: PolicyWriter.apply and put_statements (surfaces/policies).
 *
 * Two subjects: one opens and then closes (0 to 1 to 0), one closes (1 to 0). Each puts what it wants on record under the lease, renders what
 * everybody wants beside everything foreign that its look has shown, writes the whole document, and reads it back. What
 * isn't there is tried again. A function dies anywhere and is started again; its lease runs out when it is over (90 s
 * after 60 s). Another team adds a statement at any moment, or (EDITOR) writes the whole document by an older look. A
 * read is behind by one write (STALE).
 *
 * What should hold: once all is quiet, the document has what everybody wants, nobody has the lease, and no foreign
 * statement that the writer's look has shown was dropped.
 *
 * Controls, each of which has to be found: NO_LEASE, NO_READ_BACK, EARLY (what is wanted is read before the lease),
 * OVERWRITES, SHORT_LEASE, BELIEVES (the first look that shows nothing to do).
 */
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef STALE
#define STALE 0
#endif
#ifndef EDITS
#define EDITS 1
#endif

bit wanted[2];            /* on record, by subject */
bit stands[2], before[2]; /* in the document, and before its last write */
bit foreign, was_foreign; /* a statement of another team's */
byte lease;               /* who has it: 0 nobody, else the subject's number and one */
bool dead[3];             /* the function that took the lease is over */
byte deaths = DEATHS, stale = STALE, edits = EDITS;
byte done;
bool busy;                /* a writer has the lease, and hasn't verified yet */
bool drift;               /* somebody has replaced what was verified: the sweep's to find */

inline look(a, b, f) {
	if
	:: a = stands[0]; b = stands[1]; f = foreign
	:: stale > 0 -> stale--; a = before[0]; b = before[1]; f = was_foreign
	fi
}

inline write(a, b, f) {
	atomic {
		before[0] = stands[0]; before[1] = stands[1]; was_foreign = foreign;
		stands[0] = a; stands[1] = b; foreign = f
	}
}

#define MAY_DIE :: atomic { deaths > 0 -> deaths--; dead[me + 1] = true; goto start }

/* `rest`: how often it wants the contrary afterwards */
proctype Writer(byte me; bit mine; byte rest) {
	bit all[2], seen[2], shown;
	byte looks;
start:
#ifdef EARLY
	atomic { all[0] = wanted[0]; all[1] = wanted[1] };
#endif
#ifndef NO_LEASE
	atomic {
		(lease == 0 || lease == me + 1 ||
#ifdef SHORT_LEASE
		true
#else
		dead[lease]
#endif
		) -> lease = me + 1; dead[me + 1] = false; busy = true
	};
#endif
	if
	MAY_DIE
	:: true
	fi;
	atomic { wanted[me] = mine };
#ifdef EARLY
	all[me] = mine;
#else
	atomic { all[0] = wanted[0]; all[1] = wanted[1] };
#endif
	looks = 0;
again:
	atomic {
		look(seen[0], seen[1], shown);
		if
		:: seen[0] == all[0] && seen[1] == all[1] ->
#ifndef BELIEVES
			if
			:: looks < 2 -> looks++; goto again
			:: else
			fi;
#endif
			busy = false; goto verified
		:: else
		fi
	};
	if
	MAY_DIE
	:: true
	fi;
#ifdef OVERWRITES
	assert(!shown);
	write(all[0], all[1], 0);
#else
	write(all[0], all[1], shown);
#endif
	if
	MAY_DIE
	:: true
	fi;
#ifndef NO_READ_BACK
	atomic {
		look(seen[0], seen[1], shown);
		if
		:: seen[0] != all[0] || seen[1] != all[1] -> goto again   /* NotSettledError: all of it is repeated */
		:: else -> busy = false
		fi
	};
#endif
verified:
	atomic {
		busy = false;
		if
		:: lease == me + 1 -> lease = 0
		:: else
		fi;
		if
		:: rest > 0 -> rest--; mine = 1 - mine; goto start
		:: else -> done++
		fi
	}
}

#ifdef EDITOR
/* Another team's own tool: it looks, and later writes the whole document. */
active proctype Editor() {
	bit a, b;
	atomic { a = stands[0]; b = stands[1] };
	atomic {
		if
		:: (a != stands[0] || b != stands[1]) && !busy -> drift = true
		:: else
		fi;
		before[0] = stands[0]; before[1] = stands[1]; was_foreign = foreign;
		stands[0] = a; stands[1] = b; foreign = 1
	}
}
#else
active proctype Editor() {
	do
	:: atomic { edits > 0 -> edits--; was_foreign = foreign; before[0] = stands[0]; before[1] = stands[1]; foreign = 1 }
	:: edits == 0 -> break
	od
}
#endif

init {
	atomic {
		wanted[1] = 1; stands[1] = 1; before[1] = 1;
		run Writer(0, 1, 1);
		run Writer(1, 0, 0)
	};
	done == 2;
	timeout;
	assert(lease == 0);
	assert(drift || (stands[0] == wanted[0] && stands[1] == wanted[1]))
}
