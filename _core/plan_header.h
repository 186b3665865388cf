/* What the plans of both engines begin with. */
#ifndef TENSORWIRE_PLAN_HEADER_H
#define TENSORWIRE_PLAN_HEADER_H

#include <stdint.h>

typedef enum { PLAN_PROTO = 1, PLAN_FLAT = 2 } PlanKind;

typedef struct {
    PlanKind kind;
    uint32_t index;      /* position in its set */
    void *set;           /* the owning set of plans; borrowed, it outlives the plan */
    void *cls;           /* the Python class of this type once made; owned by the set */
} PlanHeader;

#endif
