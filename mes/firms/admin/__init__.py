from mes.firms.admin import members, membership, walls

__all__ = ["members", "membership", "walls"]
