"""This says which GPIO is what on a Pico, in one place. Inputs are closed to ground and pulled up outside (RP2350-E9)."""

TIMELINE = 0  # six are in a row: needle step and dir or valve out and back, plunger step and dir, stop step and dir
TIMELINE_PINS = 6
NEEDLE_ENCODER = 6  # A is here, and B is on the next
PLUNGER_ENCODER = 8
ESTOP = 10  # this is the normally closed loop: it is low while closed, so that a broken wire is a pressed button
TRIGGER_A, TRIGGER_B = 11, 12
CONTACT_A, CONTACT_B = 13, 14
# Two WS2811 are here: the lamp, then the sounder. Chips of revision B0 and B1 drive this pin for 1 ms when the host resets the bus
# (RP2040-E5): no switch may be here.
LAMP = 15
FRAM_IN, FRAM_SELECT, FRAM_CLOCK, FRAM_OUT = 16, 17, 18, 19
CLEAR = 20  # this is the clear button: held while the gun is plugged in, it leads to maintenance
ENABLE = 21  # it is pulled low outside, which is off
DUMP = 22  # energised is closed
PRESSURE = 26  # this is ADC 0: air pressure (stepper drive: a divider) comes through the switch that the syringe closes
HOME = 27
DRIVE = 28  # this is ADC 2: it is the depth stop's potentiometer, pneumatic; 1/11 of the motors' supply, stepper
LOGIC = 29  # this is ADC 3: it is a third of VSYS, wired on the Pico
