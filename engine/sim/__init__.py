"""The simulator: the engine's own spine, voice and router in virtual time, with people and adapters made up.

python -m engine.sim --seeds 20 --steps 10000      everything that can go wrong, invariants after each input
python -m engine.sim --day                         a day in Malmö, and what citizens met
"""
