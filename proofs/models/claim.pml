/* The claim on a subject: Take, Mark, Release and GiveUpTheClaim of statemachines/govern.asl.yaml, and the check of it
 * right before a write (ledger/claims.py).
 *
 * `truth` is what a run finds out by reading, `applied` what was written last. An event changes the truth and starts a
 * run. Runs die anywhere, answers of the ledger are lost after the write was made, functions outlive their runs, and
 * events of stopped runs are lost. Each happens so often as its budget says. Time is in three guarantees:
 *   - a claim runs out only when its run is over, and its functions are (900 s after 600 s and 80 s);
 *   - who takes over by the event of a stopped run waits until its function is over (LetItsFunctionEnd, 90 s);
 *   - a sweep comes when nothing else moves.
 *
 * What should hold: only the holder writes; once all is quiet, nobody holds the claim, and what was written is the truth.
 *
 * PERSON: somebody takes over from a run that is over without waiting for its function (LookAtHolder).
 * ASKS:   the function asks for the claim, and writes in another step. Without it, one transaction does both.
 * SWEEPS=0 with LOSSES=0 and UNTOLD=0: events alone are enough.
 * Controls, each of which has to be found: NO_CHECK, NO_WAIT, NO_TAKEOVER, RELEASES_BLINDLY.
 */
#define IDS 10
#ifndef EVENTS
#define EVENTS 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef LOSSES
#define LOSSES 1
#endif
#ifndef UNTOLD
#define UNTOLD 1
#endif
#ifndef SWEEPS
#define SWEEPS 2
#endif

byte holder;              /* who holds the claim, 0 for nobody */
byte wanted;              /* how often somebody came, modulo nothing: it stays small */
byte truth, applied;      /* versions of the truth */
byte next = 1;            /* the next run's id */
bool over[IDS];           /* the run has ended, in whichever way */
bool working[IDS];        /* its function is at work, also after its run */
byte deaths = DEATHS, losses = LOSSES, untold = UNTOLD, people = 1;
byte runs;                /* runs that aren't over */
byte functions;

#define lost_answer (losses > 0)

proctype Function(byte me; byte version) {
#ifdef ASKS
	bool asked;
	atomic { asked = (holder == me) };
	/* anything may happen here */
	atomic {
		if
		:: asked -> assert(holder == me); applied = version
		:: else
		fi
	}
#else
	atomic {
#ifdef NO_CHECK
		assert(holder == me); applied = version
#else
		if
		:: holder == me -> applied = version
		:: else
		fi
#endif
	}
#endif
	atomic { working[me] = false; functions-- }
}

/* `gone`: the run that this one takes the claim over from, 0 for none */
proctype Run(byte me; byte gone) {
	byte seen, version, round;
	bool moved, held;

	/* LetItsFunctionEnd */
#ifndef NO_WAIT
	gone == 0 || !working[gone];
#endif
take:
	atomic {
		if
		:: holder == 0 || holder == me || (gone != 0 && holder == gone) || (over[holder] && !working[holder]) ->
#ifdef NO_TAKEOVER
			if
			:: holder != 0 && holder != me -> goto end
			:: else
			fi;
#endif
			holder = me; wanted++; seen = wanted;
			if
			:: lost_answer -> losses--; wanted++; seen = wanted   /* made twice */
			:: true
			fi
		:: else -> goto mark
		fi
	};
	goto plan;
mark:
	atomic {
		if
		:: holder != 0 && !(over[holder] && !working[holder]) ->
			wanted++;
			if
			:: lost_answer -> losses--; wanted++
			:: true
			fi;
			goto end
		:: else -> goto take
		fi
	};
plan:
	if
	:: atomic { deaths > 0 -> deaths--; goto stopped }
	:: true
	fi;
	atomic { version = truth; working[me] = true; functions++; run Function(me, version) };
	if
	:: !working[me]
	:: atomic { deaths > 0 -> deaths--; goto stopped }
	fi;
	/* Release */
	atomic {
		if
#ifdef RELEASES_BLINDLY
		:: holder == me ->
#else
		:: holder == me && wanted == seen ->
#endif
			holder = 0;
			if
			:: lost_answer -> losses--; goto again   /* the second attempt finds somebody else's claim, or none */
			:: true -> goto end
			fi
		:: else
		fi
	};
again:
	if
	:: round < 1 -> round++; goto take
	:: else
	fi;
	/* GiveUpTheClaim: too many rounds. A fresh run sees to what came in. */
	atomic {
		if
		:: holder == me ->
			holder = 0; moved = (wanted != seen);
			if
			:: lost_answer -> losses--; moved = false   /* the second attempt says that it isn't ours */
			:: true
			fi
		:: else -> goto end
		fi;
		if
		:: moved && next < IDS -> runs++; run Run(next, 0); next++
		:: else
		fi
	};
	goto end;
stopped:
	/* RunStopped tells of it, unless that is lost. */
	atomic {
		over[me] = true;
		if
		:: untold > 0 -> untold--
		:: next < IDS -> runs++; run Run(next, me); next++
		fi
	};
end:
	atomic { over[me] = true; runs-- }
}

active proctype Events() {
	byte left = EVENTS;
	do
	:: atomic { left > 0 && next < IDS -> left--; truth++; runs++; run Run(next, 0); next++ }
	:: left == 0 -> break
	od
}

#ifdef PERSON
/* Somebody starts a run by hand, which looks whether the holder is over, and takes its claim at once. */
active proctype Person() {
	byte found;
	do
	:: atomic { people > 0 && next < IDS && holder != 0 && over[holder] ->
		people--; found = holder; runs++; run PersonsRun(next, found); next++ }
	:: people == 0 -> break
	:: timeout -> break
	od
}

proctype PersonsRun(byte me; byte gone) {
	byte version;
	atomic {
		if
		:: holder == 0 || holder == gone -> holder = me; wanted++
		:: else -> goto end
		fi
	};
	atomic { version = truth; working[me] = true; functions++; run Function(me, version) };
	!working[me];
	atomic { holder == me -> holder = 0 };
end:
	atomic { over[me] = true; runs-- }
}
#endif

/* The sweep: when nothing moves, it starts a run for whatever has drifted. After two everything has to be right. */
active proctype Sweep() {
	byte left = SWEEPS;
	do
	:: timeout ->
		if
		:: left > 0 && (applied != truth || holder != 0) ->
			atomic { left--; assert(next < IDS); runs++; run Run(next, 0); next++ }
		:: else -> break
		fi
	od;
	assert(holder == 0 && applied == truth)
}
