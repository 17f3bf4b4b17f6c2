from mes.firms.admin import members, walls

__all__ = ["members", "walls"]
