"""A plan improved in pieces, clusters of firms times windows of time, that do not see each other."""

from production.planning.pieces.piece import Piece, piece_dump, piece_load, solve_piece
from production.planning.pieces.plan import PIECES, PlannedInPieces, is_for_pieces, plan_in_pieces

__all__ = [
    "PIECES",
    "Piece",
    "PlannedInPieces",
    "is_for_pieces",
    "piece_dump",
    "piece_load",
    "plan_in_pieces",
    "solve_piece",
]
