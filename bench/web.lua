-- Asks for the pages of these ports in turn: for wrk, in bench/web.
local pages, turn = {}, 0

function init(ports)
	for at, port in ipairs(ports) do
		pages[at] = wrk.format("GET", "/ports/" .. port)
	end
end

function request()
	turn = turn % #pages + 1
	return pages[turn]
end
