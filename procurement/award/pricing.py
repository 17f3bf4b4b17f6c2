"""What a quantity costs by a quotation: the pieces of its cost curve, in whole thousandths of a fen."""

from dataclasses import dataclass

from procurement.award.problem import Discount, Quotation, Supplier


@dataclass(frozen=True, slots=True)
class Piece:
    """From low_kg to high_kg, both multiples of the lot, kg cost base_mfen + kg * price_fen_per_t."""

    low_kg: int
    high_kg: int
    base_mfen: int
    price_fen_per_t: int

    def cost_mfen(self, kg: int) -> int:
        """Of kg inside the piece."""
        return self.base_mfen + kg * self.price_fen_per_t

    @property
    def dearest_fen_per_t(self) -> float:
        """The greatest price of a tonne on average."""
        return self.price_fen_per_t + (self.base_mfen / self.low_kg if self.low_kg else 0)

    @property
    def cheapest_fen_per_t(self) -> float:
        """The least price of a tonne on average."""
        return self.price_fen_per_t + self.base_mfen / self.high_kg


def discounted(price_fen_per_t: int, permille: int) -> int:
    """Rounded half up to a whole fen."""
    return (price_fen_per_t * (1000 - permille) + 500) // 1000


def pieces(quotation: Quotation, permille: int = 0, most_kg: int | None = None) -> tuple[Piece, ...]:
    """The curve, cut off above most_kg; pieces that hold no multiple of the lot are left out."""
    lot = quotation.lot_kg
    most = quotation.capacity_kg if most_kg is None else min(quotation.capacity_kg, most_kg)
    least = max(quotation.least_kg, 1)
    made = []
    base, before = 0, 0
    for number, item in enumerate(quotation.breaks):
        price = discounted(item.price_fen_per_t, permille)
        is_last = number + 1 == len(quotation.breaks)
        until = most if is_last else quotation.breaks[number + 1].from_kg - 1
        if quotation.kind == "incremental" and number:
            base += (before - price) * item.from_kg
        before = price
        low = -(-max(item.from_kg, least) // lot) * lot
        high = min(until, most) // lot * lot
        if low <= high:
            made.append(Piece(low, high, base, price))
    return tuple(made)


def cost_mfen(quotation: Quotation, permille: int, kg: int) -> int | None:
    """None: so much is not offered."""
    for piece in pieces(quotation, permille):
        if piece.low_kg <= kg <= piece.high_kg and not kg % quotation.lot_kg:
            return piece.cost_mfen(kg)
    return None


def tiers(supplier: Supplier) -> tuple[Discount, ...]:
    """The supplier's discounts, with none at all before the first."""
    return (Discount(0, 0), *supplier.discounts)


def permille_at(supplier: Supplier, kg: int) -> int:
    """The discount for kg of all its lines."""
    return max(item.permille for item in tiers(supplier) if item.from_kg <= kg)
